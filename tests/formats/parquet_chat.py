"""Chat records in Parquet, as OpenAI and ShareGPT spell them."""

from formats import openai_chat, sharegpt
from formats.case import Case
from formats.columns import as_parquet

CASES = {
    "parquet": Case(
        *("parquet", openai_chat.record, as_parquet, openai_chat.FIELDS),
        apart=False,
        text=False,
    ),
    "parquet sharegpt": Case(
        "parquet", sharegpt.record, as_parquet, sharegpt.FIELDS, apart=False, text=False
    ),
}
