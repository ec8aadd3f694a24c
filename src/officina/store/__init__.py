"""The book: the only room with SQL. Nouns have a module each; a transaction is a `Tx`."""

from officina.store.migrate import current, migrate
from officina.store.opening import Store, open_store
from officina.store.sole import sole
from officina.store.tx import Tx
from officina.store.writer import Batch, Writer

__all__ = ["Batch", "Store", "Tx", "Writer", "current", "migrate", "open_store", "sole"]
