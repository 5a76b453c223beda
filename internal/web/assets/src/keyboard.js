// Keys for those who keep a list open all day. An element says which key presses it with
// data-key; a field is focused, anything else is clicked. `j` and `k` walk the rows of the
// list, `x` ticks the row. All of it can be switched off in the dialog that `?` opens, for
// people whose speech input types single letters (WCAG 2.1.4).

const offSwitch = document.querySelector('[data-keys-off]')
const keysOff = 'keys-off'

if (offSwitch) {
  offSwitch.checked = localStorage.getItem(keysOff) !== null
  offSwitch.addEventListener('change', () => {
    if (offSwitch.checked) localStorage.setItem(keysOff, 'yes')
    else localStorage.removeItem(keysOff)
  })
}

const typing = (element) => element.matches('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')
const rows = () => [...document.querySelectorAll('[data-rows] > tr')]
const rowLink = (row) => row.querySelector('a.name') ?? row.querySelector('a, button, input')

function walk(step) {
  const all = rows()
  const here = all.findIndex((row) => row.contains(document.activeElement))
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step]
  if (!next) return
  rowLink(next)?.focus({ preventScroll: true })
  next.scrollIntoView({ block: 'nearest' })
}

function tick() {
  document.activeElement.closest('[data-rows] > tr')?.querySelector('.pick input')?.click()
}

function press(key) {
  const within = document.querySelector('dialog:modal') ?? document
  const target = within.querySelector(`[data-key="${CSS.escape(key)}"]`)
  // Acts on a selection wait until there is one.
  if (!target || target.disabled || target.closest('[data-count="0"]')) return false
  if (typing(target)) target.focus()
  else target.click()
  return true
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target.matches('input[type=search]') && !event.target.value) event.target.blur()
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
  if (event.key !== '?' && offSwitch?.checked) return
  const modal = document.querySelector('dialog:modal')
  if (!modal && event.key === 'j') walk(1)
  else if (!modal && event.key === 'k') walk(-1)
  else if (!modal && event.key === 'x') tick()
  else if (event.key.length !== 1 || event.key === ' ' || !press(event.key)) return
  event.preventDefault()
})
