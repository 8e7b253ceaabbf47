"""How static files are served: by names that hold their content's hash, for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

_MODULE_IMPORT = (r"""(?P<matched>from "(?P<url>\./[\w-]+\.js)")""", 'from "%(url)s"')


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names for every static file, imports between our ES modules included.

    Django's own switch for modules also reads the scripts of packages, and stumbles over a
    comment in htmx's event-stream extension that looks like an import.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (_MODULE_IMPORT,)))
