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

// Search fields suggest while somebody types: an ARIA combobox with a list, the focus stays in the field.
function suggest(field) {
  const { suggestions: address, label, none, one, many, faq } = field.form.dataset;
  const list = document.createElement("ul");
  const status = document.createElement("span");
  list.id = `${field.id}-list`;
  list.className = "suggestions";
  list.hidden = true;
  status.className = "hidden";
  field.after(list, status);
  const attributes = [
    [list, { role: "listbox", "aria-label": label }],
    [status, { role: "status" }],
    [field, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id }],
  ];
  for (const [element, values] of attributes) {
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
  }

  let active = -1, timer, asking;

  function choose(position) {
    active = position;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    list.children[active]?.scrollIntoView({ block: "nearest" });
    if (active < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[active].id);
  }

  function show(open) {
    list.hidden = !open;
    status.className = "hidden";
    field.setAttribute("aria-expanded", String(open));
    choose(-1);
  }

  function close() {
    clearTimeout(timer);
    asking?.abort();
    show(false);
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(field.value)}`, { signal: asking.signal });
      if (answer.ok) fill((await answer.json()).suggestions);
    } catch {
      // typed on, or no connection: the field still searches
    }
  }

  function fill(suggestions) {
    const options = suggestions.map(({ title, url, kind, lang }, i) => {
      const option = document.createElement("li");
      const text = document.createElement("span");
      option.id = `${list.id}-${i}`;
      option.dataset.url = url;
      option.setAttribute("role", "option");
      text.textContent = title;
      if (lang) text.lang = lang;
      option.append(text);
      if (kind === "faq") option.append(Object.assign(document.createElement("small"), { textContent: faq }));
      return option;
    });
    list.replaceChildren(...options);
    status.textContent = [none, one][options.length] ?? many.replace("{n}", options.length);
    show(options.length > 0);
    if (!options.length) status.className = "suggestions";
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (field.value.trim()) timer = setTimeout(ask, 120);
    else close();
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = list.children.length;
    if (step && count) {
      event.preventDefault();
      if (list.hidden) show(true);
      // one place more than options: the field itself
      choose(((active + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      location.assign(list.children[active].dataset.url);
    } else if (event.key === "Escape" && !(list.hidden && status.className === "hidden")) {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") {
      close();
    }
  });
  field.addEventListener("blur", close);
  // the field keeps the focus, so the list stays until the click arrives
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
}
for (const field of document.querySelectorAll("form[data-suggestions] input")) suggest(field);
