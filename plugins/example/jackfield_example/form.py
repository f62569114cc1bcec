"""The form that visitors fill in, served by the web worker itself: no log, no Django."""

from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import unquote

from jackfield_sdk import CaptureRequest, Context, Projects, Refused, Reply

FORM_PATH: Final = "/guestbook/of/"

# The page stands on the same origin as the product: it may run nothing and send its form nowhere else.
POLICY: Final = ("content-security-policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")

PAGE: Final = """<!doctype html>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Guestbook</title>
<h1>{heading}</h1>
<form method="post" action="/guestbook/sign">
<input type="hidden" name="token" value="{token}">
<p><label>Name<br><input name="name" required maxlength="200"></label></p>
<p><label>Message<br><textarea name="message" required></textarea></label></p>
<p><button>Sign</button></p>
</form>
"""


def serve_form(context: Context) -> Callable[[CaptureRequest], Reply]:
    """Build the answer to `/guestbook/of/<project token>`."""
    projects = context.require(Projects)

    def answer(request: CaptureRequest) -> Reply:
        project = projects.by_token(unquote(request.path.removeprefix(FORM_PATH)).rstrip("/"))
        if project is None:
            raise Refused("No project has this token.", status=404)
        heading = "Thank you for signing." if request.query == "signed" else str(context.project_settings(project.id)["welcome"])
        page = PAGE.format(heading=escape(heading), token=escape(project.token))
        return Reply(body=page.encode(), content_type="text/html; charset=utf-8", headers=[POLICY])

    return answer
