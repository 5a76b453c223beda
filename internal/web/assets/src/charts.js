// The picture of an explore, drawn from the specification that the server wrote beside it.
// The page's policy allows neither eval nor styles in the page, hence the interpreter and the
// bare view. Without this script the table says everything. It is large (800 kB, of which
// 235 kB travel), so Insights alone loads it.
import { View, parse } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile } from 'vega-lite'

const dark = matchMedia('(prefers-color-scheme: dark)')
// What is downloaded does not depend on the window.
const printWidth = 760

let view = null
let drawn = ''
let drawing = Promise.resolve()

const box = () => document.querySelector('[data-picture]')
const source = () => document.querySelector('#picture')?.textContent ?? ''

// color reads a token such as --accent as it is in the present theme. Whoever opens a
// downloaded picture may not know oklch(), so it becomes plain red, green and blue.
const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })

function color(token) {
  const probe = document.body.appendChild(document.createElement('i'))
  probe.style.color = `var(${token})`
  pen.fillStyle = getComputedStyle(probe).color
  probe.remove()
  pen.fillRect(0, 0, 1, 1)
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data
  return `rgb(${r}, ${g}, ${b})`
}

// Only the configuration names tokens: everything else may hold what people wrote.
function themed(config, width) {
  const known = JSON.parse(JSON.stringify(config), (_, value) => (typeof value === 'string' && value.startsWith('--') ? color(value) : value))
  known.font = getComputedStyle(document.body).fontFamily
  known.axis.labelLimit = Math.min(260, width * .36)
  known.legend.columns = Math.max(2, Math.floor(width / 120))
  return known
}

function makeView(spec, width, options) {
  const vega = compile({ ...spec, width, config: themed(spec.config, width) }, { logger: quiet }).spec
  return new View(parse(vega, null, { ast: true }), { expr: expressionInterpreter, ...options })
}

// Warnings of the compiler are about specifications, not for who looks at the page.
const quiet = { level: () => quiet, error: console.error, warn: () => quiet, info: () => quiet, debug: () => quiet }

async function draw() {
  const place = box()
  const text = source()
  if (!place || !text) return
  drawn = text
  view?.finalize()
  view = makeView(JSON.parse(text).spec, place.clientWidth, { renderer: 'svg', container: place, hover: false })
  await view.runAsync()
  place.dataset.drawn = ''
  for (const button of document.querySelectorAll('[data-save-picture]')) button.hidden = false
}

function redraw() {
  drawing = drawing.then(draw, draw)
}

// What is saved stands on its own: with its title, on the colour of the page, without links
// that lead nowhere elsewhere.
async function save(kind) {
  const { spec, title, subtitle, name } = JSON.parse(source(), (key, value) => (key === 'url' ? undefined : value))
  const heading = { text: title, subtitle, anchor: 'start', offset: 16, fontSize: 15, subtitleFontSize: 12, subtitlePadding: 4 }
  const whole = makeView({ ...spec, title: heading, background: color('--surface'), padding: 16 }, printWidth, { renderer: 'none' })
  const link = document.createElement('a')
  link.href = await whole.toImageURL(kind, kind === 'png' ? 2 : 1)
  link.download = `${name}.${kind}`
  link.click()
  whole.finalize()
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-save-picture]')
  if (button) save(button.dataset.savePicture)
})
document.addEventListener('htmx:after:settle', () => {
  if (!box() || source() !== drawn || !('drawn' in box().dataset)) redraw()
})
dark.addEventListener('change', redraw)

let width = 0
new ResizeObserver(() => {
  const now = box()?.clientWidth ?? 0
  if (now && width && now !== width) redraw()
  width = now
}).observe(document.querySelector('#main'))

redraw()
