// No search: its worker is made of a blob, which the page's policy does not allow.
Redoc.init("/api/openapi.json", { disableSearch: true }, document.getElementById("api"));
