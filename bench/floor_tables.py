"""Makes the tables of the floor in the shop's own throw-away database: python -m bench.floor_tables"""

import django

django.setup()

from django.db import connection

OFFERS = 1000
TABLES = """
CREATE TABLE floor_offer (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name varchar(60) NOT NULL,
    price_fen integer NOT NULL, harvested integer NOT NULL, held integer NOT NULL CHECK (held <= harvested));
CREATE TABLE floor_order (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, total_fen integer NOT NULL);
CREATE TABLE floor_line (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, packs integer NOT NULL,
    order_id bigint NOT NULL REFERENCES floor_order, offer_id bigint NOT NULL REFERENCES floor_offer);
CREATE TABLE floor_hold (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, packs integer NOT NULL,
    order_id bigint NOT NULL REFERENCES floor_order, offer_id bigint NOT NULL REFERENCES floor_offer);
INSERT INTO floor_offer (name, price_fen, harvested, held)
    SELECT 'Navel orange, 5 kg, number ' || n, 4980, 1000000, 0 FROM generate_series(1, %s) n;
"""

if __name__ == "__main__":
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [OFFERS])
