from tests.architecture.routes import Route

ROUTES = [
    Route("web:livez", {}, others=200),
    Route("web:readyz", {}, others=200),
    Route("web:preference", {}, others=302, method="POST", data={"theme": "dark"}),
    Route("web:styleguide", {}, others=404),
    Route("web:styleguide-options", {}, others=404),
]
