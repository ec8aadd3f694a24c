"""Taking messages away as a file: what a filter finds, page by page, written down before it leaves."""

from officina.actions.export.forms import FORMS, Form
from officina.actions.export.pages import export

__all__ = ["FORMS", "Form", "export"]
