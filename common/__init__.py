"""What every app may use and that knows no app: errors, money, weight, transactions, waking Celery."""
