// SPDX-License-Identifier: Apache-2.0
#include "data/browse/page_parts.h"

namespace uls {

// Texts get into the page as text nodes alone. No < followed by a slash or a letter may stand in here.
const char* const kPageScript = R"(
'use strict';
const content = JSON.parse(document.getElementById('content').textContent);
const colours = { referring: '#d9534f', semantic: '#2f8f6b', part: '#b7791f', salient: '#7c5cc4',
  open_vocabulary: '#2b78c5', video: '#c2407e' };
const at = id => document.getElementById(id);
const state = { task: '', split: '', kind: '', text: '' };

function element(name, parent, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  if (parent) parent.append(made);
  return made;
}

// COCO's compressed runs: of a mask read column by column, background first.
function runsOf(text) {
  const counts = [];
  for (let p = 0; p !== text.length;) {
    let value = 0, shift = 0, more = true;
    while (more) {
      const c = text.charCodeAt(p++) - 48;
      value |= (c & 31) << shift;
      more = (c & 32) !== 0;
      shift += 5;
      if (!more && (c & 16)) value |= -1 << shift;
    }
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

function maskOf(sample, target) {
  const mask = new Uint8Array(sample.width * sample.height);
  let place = 0, inside = false;
  for (const run of target.runs ? runsOf(target.runs) : []) {
    if (inside) for (let i = place; i !== place + run; ++i)
      mask[(i % sample.height) * sample.width + Math.floor(i / sample.height)] = 1;
    place += run;
    inside = !inside;
  }
  return mask;
}

// The rest is dimmed, the target keeps its colours within a line around it.
function draw(card, target) {
  const { width, height } = card.sample, zoom = card.canvas.width / width;
  const pen = card.canvas.getContext('2d');
  pen.imageSmoothingEnabled = zoom === 1;
  pen.drawImage(card.image, 0, 0, card.canvas.width, card.canvas.height);
  if (!target) return;
  const mask = maskOf(card.sample, target);
  const picture = pen.getImageData(0, 0, card.canvas.width, card.canvas.height), p = picture.data;
  const colour = parseInt(colours[target.task].slice(1), 16);
  const rgb = [colour >> 16, colour >> 8 & 255, colour & 255];
  const inside = (x, y) => x >= 0 && y >= 0 && width > x && height > y && mask[y * width + x];
  const line = Math.max(1, Math.round(zoom / 2));
  for (let y = 0; y !== picture.height; ++y) for (let x = 0; x !== picture.width; ++x) {
    const i = 4 * (y * picture.width + x);
    const cell = (dx, dy) => inside(Math.floor((x + dx) / zoom), Math.floor((y + dy) / zoom));
    if (cell(0, 0)) {
      const rim = !(cell(-line, 0) && cell(line, 0) && cell(0, -line) && cell(0, line));
      for (let c = 0; c !== 3; ++c)
        p[i + c] = rim ? .5 * rgb[c] + 127 : .94 * p[i + c] + .06 * rgb[c];
    } else {
      const grey = .3 * p[i] + .59 * p[i + 1] + .11 * p[i + 2];
      for (let c = 0; c !== 3; ++c) p[i + c] = .45 * (.45 * p[i + c] + .55 * grey) + 38;
    }
  }
  pen.putImageData(picture, 0, 0);
}

function percent(share) {
  return share >= .1 ? Math.round(100 * share) + ' %' : (100 * share).toPrecision(2) + ' %';
}

function addTarget(card, target) {
  const row = element('li', card.list, undefined, target.runs ? '' : 'empty');
  row.style.setProperty('--task', colours[target.task]);
  row.title = target.id;
  element('i', row);
  const words = element('div', row);
  element('b', words, target.texts[0]);
  for (const text of target.texts.slice(1)) element('small', words, text);
  const task = target.task.replace('_', ' ');
  element('small', words, target.kind && target.kind !== task ? task + ', ' + target.kind : task);
  element('em', row, target.runs ? percent(target.share) : 'no target');
  const entry = { row, target };
  row.addEventListener('mouseenter', () => draw(card, target));
  row.addEventListener('mouseleave', () => draw(card, card.chosen && card.chosen.target));
  row.addEventListener('click', () => choose(card, card.chosen === entry ? null : entry));
  return entry;
}

function choose(card, entry) {
  card.chosen = entry;
  for (const other of card.entries) other.row.classList.toggle('chosen', other === entry);
  draw(card, entry && entry.target);
}

function addCard(sample) {
  const article = element('article', at('cards'));
  article.id = 'sample-' + sample.id;
  const picture = element('div', article, undefined, 'picture');
  const canvas = element('canvas', picture);
  const zoom = Math.max(1, Math.round(288 / Math.max(sample.width, sample.height)));
  canvas.width = sample.width * zoom;
  canvas.height = sample.height * zoom;
  canvas.className = zoom > 1 ? 'small' : '';
  const about = element('div', article, undefined, 'about');
  element('span', about, sample.id);
  element('span', about, sample.split + ' · ' + sample.size);
  const card = { sample, article, canvas, list: element('ul', article), image: new Image(), chosen: null };
  card.entries = sample.targets.map(target => addTarget(card, target));
  card.image.onload = () => draw(card, card.chosen && card.chosen.target);
  card.image.src = sample.image;
  return card;
}

function fits(target, sample) {
  const text = state.text.toLowerCase();
  return (!state.task || target.task === state.task) && (!state.kind || target.kind === state.kind) &&
    (!text || sample.id.toLowerCase().includes(text) || target.id.toLowerCase().includes(text) ||
      target.texts.some(t => t.toLowerCase().includes(text)));
}

function apply() {
  let samples = 0, targets = 0;
  for (const card of cards) {
    const fitting = card.entries.filter(entry => fits(entry.target, card.sample));
    const bare = card.entries.length === 0 && !state.task && !state.kind &&
      card.sample.id.includes(state.text);
    const here = (!state.split || card.sample.split === state.split) && (fitting.length > 0 || bare);
    card.article.hidden = !here;
    if (!here) continue;
    ++samples;
    targets += fitting.length;
    for (const entry of card.entries) entry.row.hidden = !fitting.includes(entry);
    for (const entry of card.entries) entry.row.style.display = entry.row.hidden ? 'none' : '';
    if (!fitting.includes(card.chosen)) choose(card, fitting.length ? fitting[0] : null);
  }
  at('shown').textContent = samples + ' samples, ' + targets + ' targets';
  at('none').hidden = samples > 0;
}

function fill(select, values) {
  element('option', select, 'all').value = '';
  for (const value of values) element('option', select, value).value = value;
  select.addEventListener('change', () => { state[select.id] = select.value; apply(); });
}

const all = content.samples.flatMap(sample => sample.targets);
const distinct = values => [...new Set(values)].filter(value => value !== '');
at('source').textContent = content.source + (content.licence ? ' · ' + content.licence : '');
for (const count of content.counts) {
  const box = element('div', at('counts'));
  element('b', box, count.samples.toLocaleString('en'));
  element('span', box, count.split + ' · ' + count.targets.toLocaleString('en') + ' targets');
}
for (const task of ['', ...Object.keys(colours).filter(name => all.some(target => target.task === name))]) {
  const chip = element('button', at('tasks'), task ? task.replace('_', ' ') : 'all tasks');
  chip.setAttribute('aria-pressed', String(!task));
  if (task) element('i', chip, all.filter(target => target.task === task).length);
  chip.addEventListener('click', () => {
    state.task = task;
    for (const other of at('tasks').children) other.setAttribute('aria-pressed', String(other === chip));
    apply();
  });
}
fill(at('split'), distinct(content.samples.map(sample => sample.split)));
fill(at('kind'), distinct(all.map(target => target.kind)));
at('search').addEventListener('input', event => { state.text = event.target.value; apply(); });
at('classes').hidden = content.classes.length === 0;
for (const list of content.classes) {
  const line = element('p', at('classes').lastElementChild, list.task + ': ');
  for (const name of list.names) element('span', line, name);
}
const cards = content.samples.map(addCard);
apply();
)";

}  // namespace uls
