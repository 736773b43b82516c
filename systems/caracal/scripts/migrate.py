"""Brings Caracal's tables up to date: an empty database gets all of them, one that has them its pending migrations.

The image's own tool stamps the newest revision at every run, so that pending migrations are skipped for ever.
Safe to run again. Reads DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME.
"""

from os import environ
from time import sleep

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

url = URL.create(
    "postgresql",
    username=environ["DB_USER"],
    password=environ["DB_PASSWORD"],
    host=environ["DB_HOST"],
    port=int(environ["DB_PORT"]),
    database=environ["DB_NAME"],
)

config = Config()
config.set_main_option("script_location", "caracal:db/migrations")
# The migrations' environment reads this variable and puts it into a file of settings, in which % begins a reference.
environ["CARACAL_DATABASE_URL"] = url.render_as_string(hide_password=False).replace("%", "%%")

engine = create_engine(url)
# Two minutes: to a pod that has just started neither policies nor addresses need be known everywhere.
for attempt in range(60):
    try:
        engine.connect().close()
        break
    except OperationalError as error:
        if attempt == 59 or "authentication failed" in str(error):
            raise
        sleep(2)

if inspect(engine).has_table("alembic_version"):
    command.upgrade(config, "head")
    print("migrated to the newest revision")
else:
    from caracal.db.models import Base

    with engine.begin() as connection:
        Base.metadata.create_all(connection)
    command.stamp(config, "head")
    print("created every table")
