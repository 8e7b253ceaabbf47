"""The small components that stand on a page a hundred times, drawn by functions.

They are written like any component: `<c-icon>`, `<c-button>`. A template of its own for each would
cost ten times what it writes: half of the time of a long list. Each function says how it is used.
"""

from web.leaves import controls, marks
from web.leaves.given import Draw

DRAWN: dict[str, Draw] = {
    "icon": marks.icon,
    "badge": marks.badge,
    "held-role": marks.held_role,
    "status": marks.status,
    "time": marks.time,
    "avatar": marks.avatar,
    "button": controls.button,
    "copy": controls.copy,
    "menu-item": controls.menu_item,
    "options": controls.options,
    "nav-link": controls.nav_link,
    "th": controls.th,
}
