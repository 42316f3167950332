// Everything works without this file; it only saves a few steps.
"use strict";

// A link to one answer of the help page opens that answer.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();

// One button opens or closes all answers.
for (const button of document.querySelectorAll("button[data-open-all]")) {
  const answers = document.querySelectorAll("details.faq");
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    for (const answer of answers) answer.open = open;
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? button.dataset.closeAll : button.dataset.openAll;
  });
}

// Printing shows what is folded away.
addEventListener("beforeprint", () => {
  for (const answer of document.querySelectorAll("details:not([open])")) {
    answer.dataset.folded = "";
    answer.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const answer of document.querySelectorAll("details[data-folded]")) {
    answer.open = false;
    delete answer.dataset.folded;
  }
});
