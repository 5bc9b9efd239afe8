// Elements, colours and numbers: what the other scripts of the page build with. They share the
// object `page`; each adds to it, and `main.js`, the last, starts.
"use strict";
globalThis.page = {};
(() => {
  /** An element; an attribute that is undefined is left out, one that begins with `on` is a listener. */
  page.make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  /** An element of a drawing. */
  page.draw = (tag, attributes = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  page.hex = (n) => n.toString(16).padStart(4, "0");
  page.plural = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

  /** A colour per wasm instruction; neighbours differ much. */
  page.hue = (location) => Math.round((location * 137.508) % 360);

  const patterns = {
    ir:
      /(![\w-]+)|(\bb\d+\b)|(\b[a-z]\w*_\w+|\b(?:jump|return|br_if|br_table|call|call_ptr|trap|select)\b)|(-?\b(?:0x[0-9a-f]+|\d[\d.e+-]*)\b)/g,
    wat:
      /(\bunreachable\b)|(\$\S+?(?=[\s)]|$))|(^ *[a-z][\w.]*)|(-?\b(?:0x[0-9a-f]+|\d[\d.e+-]*)\b)/g,
    machine:
      /(![\w-]+)|(\.[LD]\d+|"[^"]*"|\bb\d+\b)|(^ *\d* ?[a-z][\w.]*)|(#?-?\b(?:0x[0-9a-f]+|\d[\d.e+-]*)\b)/g,
  };
  const classes = ["bang", "name-token", "op", "number"];

  /** Text with its parts in colours; `kind` is a key of `patterns`. */
  page.coloured = (text, kind) => {
    const span = page.make("span", { class: "text" });
    let from = 0;
    for (const match of text.matchAll(patterns[kind])) {
      if (match.index > from) span.append(text.slice(from, match.index));
      const part = match.slice(1).findIndex((group) => group !== undefined);
      span.append(page.make("span", { class: classes[part] }, match[0]));
      from = match.index + match[0].length;
    }
    span.append(text.slice(from));
    return span;
  };

  /** A name in two parts: the path it is in, and what it is called there. */
  const splitName = (name) => {
    let depth = 0, at = 0;
    for (let n = 0; n < name.length - 1; n++) {
      const c = name[n];
      if (c === "<" || c === "(") depth++;
      else if ((c === ">" && name[n - 1] !== "-") || c === ")") depth--;
      else if (c === ":" && name[n + 1] === ":" && depth === 0) at = n + 2;
    }
    return [name.slice(0, at), name.slice(at)];
  };

  /** An element with a name, whose path is cut first where there is no room. */
  page.named = (tag, className, name) => {
    const [path, last] = splitName(name);
    return page.make(
      tag,
      { class: `split ${className}` },
      ...(path === "" ? [] : [page.make("span", { class: "path" }, path)]),
      page.make("span", { class: "last" }, last),
    );
  };
})();
