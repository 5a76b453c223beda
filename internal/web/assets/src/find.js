// A field that finds in a long list of choices: data-find names the list, whose items are
// hidden unless their text holds every word. Headings without items go with them, and what is
// folded opens while something is looked for.

const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

function find(field) {
  const words = fold(field.value).split(/\s+/).filter(Boolean)
  const list = document.getElementById(field.dataset.find)
  for (const item of list.querySelectorAll('li')) {
    const text = fold(item.textContent)
    item.hidden = !words.every((word) => text.includes(word))
  }
  for (const group of list.querySelectorAll('fieldset, details')) group.hidden = !group.querySelector('li:not([hidden])')
  for (const folded of list.querySelectorAll('details')) {
    if (words.length > 0) folded.open = true
    else if (list.hasAttribute('data-finding')) folded.open = folded.querySelector(':checked') !== null
  }
  list.toggleAttribute('data-finding', words.length > 0)
}

document.addEventListener('input', (event) => {
  if (event.target.matches('[data-find]')) find(event.target)
})
document.addEventListener('htmx:after:settle', () => {
  for (const field of document.querySelectorAll('[data-find]')) find(field)
})
