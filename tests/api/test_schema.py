"""The schema: whole, fresh in docs/, and readable as a page without any script."""

import json
import re

from config.api.schema import as_file, schema
from config.embedded import BASE_DIR


def test_the_schema_in_docs_is_fresh():
    assert (BASE_DIR / "docs" / "openapi.json").read_text() == as_file(), "run: manage.py api_schema"


def test_every_operation_says_what_it_does_and_who_may(client, db):
    served = json.loads(client.get("/api/schema/").content)
    operations = [one for path in served["paths"].values() for one in path.values()]

    assert served["openapi"].startswith("3.1")
    assert len({one["operationId"] for one in operations}) == len(operations) > 10
    assert [one["operationId"] for one in operations if not one.get("description")] == []
    assert [one["operationId"] for one in operations if "401" not in one["responses"]] == []


def test_the_page_shows_every_operation_and_has_no_script_of_its_own(client, db):
    page = client.get("/api/").content.decode()

    for path, methods in schema()["paths"].items():
        assert path in page
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
    assert 'id="out_of_stock"' in page
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=", page)
