// Finds sites by a part of their names in `sites` (sites-index.js): [name, number of its page].
"use strict";
const MOST = 50;
const input = document.getElementById("host");
const found = document.getElementById("found");
const count = document.getElementById("count");

function link([name, id]) {
  const a = document.createElement("a");
  a.href = `site/${id}.html`;
  a.textContent = name;
  const item = document.createElement("li");
  item.append(a);
  return item;
}

function search() {
  const wanted = input.value.trim().toLowerCase();
  const hits = wanted ? sites.filter(([name]) => name.includes(wanted)) : [];
  const more = hits.length > MOST ? `, the first ${MOST} are shown` : "";
  count.textContent = wanted ? `${hits.length} of ${sites.length} sites${more}` : "";
  found.replaceChildren(...hits.slice(0, MOST).map(link));
}

input.addEventListener("input", search);
document.getElementById("search").addEventListener("submit", (event) => event.preventDefault());
search();
