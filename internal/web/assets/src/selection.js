// The selection of a list, kept while somebody pages through it. The form that holds the list
// says which filter it shows (`filter`) and how many match (`total`); what is selected is either
// some ids or all that match with exceptions, and is kept for each filter until the tab closes.
// Rows of other pages are written into the form as hidden inputs, so that a plain submit and
// an htmx request send the same; web.ParseSelection reads it.

const keyStart = 'selection:'

// Selection is a rule (nothing, or all that match) and the ids for which it is turned around.
class Selection {
  constructor(all = false, ids = []) {
    this.all = all
    this.ids = new Set(ids)
  }

  has(id) {
    return this.ids.has(id) !== this.all
  }

  set(id, on) {
    if (on === this.all) this.ids.delete(id)
    else this.ids.add(id)
  }

  count(total) {
    return this.all ? Math.max(0, total - this.ids.size) : this.ids.size
  }
}

const key = (form) => `${keyStart}${location.pathname}?${form.elements.filter.value}`
const boxes = (form) => [...form.querySelectorAll('.pick input[name=id]')]
const total = (form) => Number(form.elements.total.value)

function load(form) {
  const kept = JSON.parse(sessionStorage.getItem(key(form)) ?? 'null')
  return new Selection(kept?.all, kept?.ids)
}

function save(form, selection) {
  if (selection.all || selection.ids.size) {
    sessionStorage.setItem(key(form), JSON.stringify({ all: selection.all, ids: [...selection.ids] }))
  } else {
    sessionStorage.removeItem(key(form))
  }
  draw(form, selection)
}

function forgetAll() {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(keyStart)) sessionStorage.removeItem(name)
  }
}

function draw(form, selection) {
  const rows = boxes(form)
  for (const box of rows) box.checked = selection.has(box.value)
  const ticked = rows.filter((box) => box.checked).length
  const page = form.querySelector('[data-pick-page]')
  if (page) {
    page.checked = ticked > 0 && ticked === rows.length
    page.indeterminate = ticked > 0 && ticked < rows.length
  }
  form.elements.mode.value = selection.all ? 'filter' : 'ids'
  keepOtherPages(form, selection, new Set(rows.map((box) => box.value)))
  drawBar(form, selection, rows.length > 0 && ticked === rows.length)
}

function keepOtherPages(form, selection, here) {
  const name = selection.all ? 'except' : 'id'
  const inputs = [...selection.ids].filter((id) => !here.has(id)).map((id) => {
    const input = document.createElement('input')
    Object.assign(input, { type: 'hidden', name, value: id })
    return input
  })
  form.querySelector('[data-kept]').replaceChildren(...inputs)
}

function drawBar(form, selection, wholePage) {
  const bar = form.querySelector('[data-bar]')
  if (!bar) return
  const n = selection.count(total(form))
  const number = (n) => n.toLocaleString('en')
  // Empty, not 0, keeps the bar in sight while every match is unticked, with the way out.
  bar.dataset.count = selection.all && n === 0 ? '' : n
  bar.querySelector('[data-selected]').textContent = `${number(n)} selected`
  bar.querySelector('[data-how]').textContent = !selection.all ? ''
    : selection.ids.size ? `all that match, less ${number(selection.ids.size)}` : 'all that match'
  const offer = bar.querySelector('[data-select-all]')
  if (offer) offer.hidden = selection.all || !wholePage || n >= total(form)
  for (const act of bar.querySelectorAll('[data-needs-selection]')) act.disabled = n === 0
}

function setRange(form, selection, from, to, on) {
  const rows = boxes(form)
  const [a, b] = [rows.indexOf(from), rows.indexOf(to)].sort((x, y) => x - y)
  for (const box of rows.slice(Math.max(a, 0), b + 1)) selection.set(box.value, on)
}

function start(form) {
  let last = null
  form.addEventListener('click', (event) => {
    const selection = load(form)
    const box = event.target.closest('.pick input[name=id]')
    if (box) {
      if (event.shiftKey && last?.isConnected) setRange(form, selection, last, box, box.checked)
      else selection.set(box.value, box.checked)
      last = box
      save(form, selection)
    } else if (event.target.closest('[data-pick-page]')) {
      for (const row of boxes(form)) selection.set(row.value, event.target.checked)
      save(form, selection)
    } else if (event.target.closest('[data-select-all]')) {
      event.preventDefault()
      save(form, new Selection(true))
    } else if (event.target.closest('[data-clear]')) {
      event.preventDefault()
      history.replaceState(history.state, '', event.target.closest('[data-clear]').href)
      save(form, new Selection())
    }
  })
  const selection = load(form)
  // A page asked for with every row ticked, by a link that works without this script.
  if (form.elements.mode.value === 'filter' && !selection.all) {
    save(form, new Selection(true, boxes(form).filter((box) => !box.checked).map((box) => box.value)))
  } else {
    draw(form, selection)
  }
}

const started = new WeakSet()

function startAll() {
  for (const form of document.querySelectorAll('form[data-selection]')) {
    if (started.has(form)) draw(form, load(form))
    else start(form)
    started.add(form)
  }
}

if (document.querySelector('[data-selection-done]')) forgetAll()
startAll()
document.addEventListener('htmx:after:settle', startAll)
addEventListener('pageshow', startAll)
