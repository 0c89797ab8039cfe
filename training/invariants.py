"""What holds of courses and certificates. See common/invariants.py."""

from common.invariants import Check

CHECKS = [
    Check(
        "courses_can_be_finished",
        "Each published course has a lesson, and each of its questions one right answer among at least two.",
        """SELECT course.id::text FROM training_course course WHERE course.is_published AND (
               NOT EXISTS (SELECT 1 FROM training_lesson lesson WHERE lesson.course_id = course.id)
               OR EXISTS (SELECT 1 FROM training_question question
                          JOIN training_lesson lesson ON lesson.id = question.lesson_id AND lesson.course_id = course.id
                          LEFT JOIN training_answer answer ON answer.question_id = question.id
                          GROUP BY question.id
                          HAVING count(*) FILTER (WHERE answer.is_right) <> 1 OR count(answer.id) < 2))""",
    ),
    Check(
        "certificate_follows_a_lesson",
        "Whoever has a certificate had finished a lesson of that course by then.",
        """SELECT certificate.id FROM training_certificate certificate WHERE NOT EXISTS (
               SELECT 1 FROM training_lessondone done JOIN training_lesson lesson ON lesson.id = done.lesson_id
               WHERE done.user_id = certificate.user_id AND lesson.course_id = certificate.course_id
                     AND done.received_at <= certificate.issued_at)""",
    ),
]
