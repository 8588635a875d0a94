"""Which store the jobs of a database lie in."""

from sqlalchemy import Engine, select

from quoth.adapters.sql.schema import STORES, alone


def store_of(engine: Engine, offered: str) -> str:
    """Return the id of the store that a database's jobs lie in.

    Args:
        engine: of the database.
        offered: the id of the one at hand, which it is from now on if there was none.
    """
    with engine.begin() as connection:
        alone(connection)
        found = connection.execute(select(STORES.c.id)).scalar()
        if found is None:
            connection.execute(STORES.insert().values(id=offered))
        return offered if found is None else str(found)
