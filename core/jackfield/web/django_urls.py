"""Paths of the Django half: the API, signing in and out, files of the user interface; every other path is a page of the shell."""

from django.urls import path

from jackfield.graphql.view import graphql
from jackfield.ui.shell import page, plugin_file, shell_file
from jackfield.web.sign_in import sign_in, sign_out

urlpatterns = [
    path("graphql", graphql),
    path("sign-in", sign_in),
    path("sign-out", sign_out),
    path("ui/shell/<path:path>", shell_file),
    path("ui/plugins/<str:plugin>/<str:version>/<path:path>", plugin_file),
    path("", page),
    path("<path:path>", page),
]
