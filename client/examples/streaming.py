"""Two things at once under asyncio: a text as it is written, and a sound."""

import asyncio
import os

from showreel_client import AsyncUnifiedGenerationService, GenerationResult


async def narrate(service: AsyncUnifiedGenerationService) -> tuple[str, GenerationResult]:
    """The text, printed piece by piece, and the sound of rain."""
    rain = asyncio.create_task(service.generate_audio("Rain on a tin roof", model="elevenlabs-sfx"))
    pieces = []
    async for piece in service.stream_text(
        "Describe a rainy evening.", model="llama-3.3-70b-versatile"
    ):
        print(piece, end="", flush=True)
        pieces.append(piece)
    return "".join(pieces), await rain


async def main() -> None:
    """Prints the sound's URL under the text."""
    url, token = os.environ["SHOWREEL_URL"], os.environ["SHOWREEL_TOKEN"]
    async with AsyncUnifiedGenerationService(url, token) as service:
        print("\n" + (await narrate(service))[1].url)


if __name__ == "__main__":
    asyncio.run(main())
