"""detect-secrets' plugins as detectors beside the rules, where the user's own configuration wants them.

worker.py runs them, process.py watches it, scanner.py makes matches of what they find. A scan without them imports none
of these.
"""

from __future__ import annotations

from tightlip.interop.plugins.scanner import Plugged, plugged, with_history

__all__ = ["Plugged", "plugged", "with_history"]
