// Sends the form that leads to the provider. Where no script runs, its button does.
"use strict";

// whoever came back here with the browser's button is not sent away again
const [arrival] = performance.getEntriesByType("navigation");
if (arrival?.type !== "back_forward") document.getElementById("handover").requestSubmit();
