"""List prices of hosted models, where the optional package `genai-prices` is installed."""

from importlib.util import find_spec

MILLION = 1_000_000


def list_price(model: str, base_url: str) -> tuple[float, float] | None:
    """US dollars per million input and output tokens, by the package's snapshot; None if unknown.

    Nothing is fetched: the price is as old as the installed package. A discount, a cache or a batch
    endpoint is not in it.
    """
    if find_spec("genai_prices") is None:
        return None
    # Imported here because it is optional and takes half a second that others need not spend.
    from genai_prices import Usage, calc_price  # noqa: PLC0415

    try:
        shown = calc_price(
            Usage(input_tokens=MILLION), model, provider_api_url=base_url
        ).total_price
        written = calc_price(
            Usage(output_tokens=MILLION), model, provider_api_url=base_url
        ).total_price
    except LookupError:
        return None
    return float(shown), float(written)
