/** Where the server is: where the page is, which a proxy may have put below a prefix. */
export const HERE = new URL(".", location.href).href.replace(/\/$/, "");
