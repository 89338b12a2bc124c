"""``python -m tools.demo [sources]``: play a story; the exit status is 0 only if every step held."""

import sys

from tools.demo.sources import MORAL as MORAL_OF_SOURCES
from tools.demo.sources import play_sources
from tools.demo.stage import play
from tools.demo.story import MORAL, play_story

if __name__ == "__main__":
    sys.exit(play(play_sources, MORAL_OF_SOURCES) if "sources" in sys.argv[1:] else play(play_story, MORAL))
