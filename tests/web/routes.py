from tests.architecture.routes import Route

ROUTES = [
    Route("web:livez", {}, others=200),
    Route("web:readyz", {}, others=200),
    Route("web:preference", {}, others=302, method="POST", data={"theme": "dark"}),
    Route("web:styleguide", {"opal": 200}, others=404),
    Route("web:styleguide-options", {"opal": 200}, others=404),
]
