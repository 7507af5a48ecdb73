// Finds sites by a part of their names or a word about them, and other pages by a part of theirs, in
// `sites` ([name, number of its page, words about it]) and `places` ([name, kind, address]).
"use strict";
const MOST = 50;
const input = document.getElementById("host");
const count = document.getElementById("count");

function show(list, hits) {
  const items = hits.slice(0, MOST).map(([name, address, about]) => {
    const a = document.createElement("a");
    a.href = address;
    a.textContent = name;
    const item = document.createElement("li");
    item.append(a, about ? ` ${about}` : "");
    return item;
  });
  document.getElementById(list).replaceChildren(...items);
}

function search() {
  const wanted = input.value.trim().toLowerCase();
  const has = (text) => text.toLowerCase().includes(wanted);
  const about = (words) => words.toLowerCase().split(", ").includes(wanted);
  const hits = wanted ? sites.filter(([name, , words]) => has(name) || about(words)) : [];
  const others = wanted ? places.filter(([name]) => has(name)) : [];
  const more = hits.length > MOST ? `, the first ${MOST} are shown` : "";
  const pages = others.length ? `; ${others.length} other pages` : "";
  count.textContent = wanted ? `${hits.length} of ${sites.length} sites${more}${pages}` : "";
  show("found", hits.map(([name, id, words]) => [name, `site/${id}.html`, words]));
  show("places", others.map(([name, kind, address]) => [name, address, kind]));
}

input.addEventListener("input", search);
document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());
search();
