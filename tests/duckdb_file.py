"""DuckDB files for tests, made by the library that scripts/setup fetched."""

import ctypes

from harness import REPOSITORY


def make_duckdb_file(path, statements):
    """Runs the statements in a database file of its own."""
    library = ctypes.CDLL(str(REPOSITORY / ".deps/duckdb/lib/libduckdb.so"))
    library.duckdb_result_error.restype = ctypes.c_char_p
    database, connection, result = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.create_string_buffer(256)
    if library.duckdb_open(str(path).encode(), ctypes.byref(database)) != 0:
        raise RuntimeError(f"{path} cannot be made")
    library.duckdb_connect(database, ctypes.byref(connection))
    try:
        for statement in statements:
            if library.duckdb_query(connection, statement.encode(), result) != 0:
                raise RuntimeError(library.duckdb_result_error(result).decode())
            library.duckdb_destroy_result(result)
    finally:
        library.duckdb_disconnect(ctypes.byref(connection))
        library.duckdb_close(ctypes.byref(database))
    return path
