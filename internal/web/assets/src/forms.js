// Small help with forms: no second submit by a double click, choices that apply at once,
// values that can be copied, files that can be dropped.

const pause = 2000
const sentAt = new WeakMap()

document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.method !== 'post' || event.defaultPrevented) return
  // After the pause a download or a broken connection may be tried again.
  if (event.timeStamp - (sentAt.get(form) ?? -Infinity) < pause) event.preventDefault()
  else sentAt.set(form, event.timeStamp)
})

document.addEventListener('change', (event) => {
  if (event.target.closest('[data-submit]')) event.target.form.requestSubmit()
})

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  const input = document.getElementById(button.dataset.copy)
  input.select()
  await navigator.clipboard.writeText(input.value)
  const name = button.textContent
  button.textContent = 'Copied'
  setTimeout(() => { button.textContent = name }, pause)
})

for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    const place = event.target.closest?.('.drop')
    if (!place) return
    event.preventDefault()
    place.classList.toggle('over', kind === 'dragover')
    if (kind === 'drop' && event.dataTransfer.files.length) {
      const input = place.querySelector('input[type=file]')
      input.files = event.dataTransfer.files
      input.dispatchEvent(new Event('change', { bubbles: true }))
    }
  })
}
