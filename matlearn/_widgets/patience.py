"""Give widgets of a slow machine the time they need. Private.

anywidget 0.11 waits two seconds for the JavaScript of a widget; for plotly's, some 5 MB, a small
laptop or a busy one takes longer. Whatever the kernel has told the figure by then is thrown away,
and so is all that it tells it later: the figure stays empty. There is no setting for it, so the
page is told to wait a minute instead where it is asked to wait two seconds.
"""

from __future__ import annotations

import html

SCRIPT = """(() => {
  const plain = AbortSignal.timeout;
  if (plain.patient) return;
  const patient = ms => plain.call(AbortSignal, ms === 2000 ? 60000 : ms);
  patient.patient = true;
  AbortSignal.timeout = patient;
})();"""


def with_patience(text: str) -> str:
    """Give HTML that shows a line of text as it is, and makes the page patient."""
    return f"<pre>{html.escape(text)}</pre><script>{SCRIPT}</script>"
