"""For people: server-rendered screens. Knows actions and store queries; decides nothing itself."""

from officina.web.routes import build

__all__ = ["build"]
