// Short messages in the corner. The server adds them to #toasts, which screen readers
// follow; good news goes by itself, the rest stays until it is dismissed.

const toasts = document.querySelector('#toasts')
const stay = 8000

function toast(kind, text) {
  if (!toasts || toasts.textContent.includes(text)) return
  const line = document.createElement('div')
  line.className = `toast ${kind}`
  const dismiss = document.createElement('button')
  Object.assign(dismiss, { type: 'button', className: 'x', textContent: '×' })
  dismiss.setAttribute('aria-label', 'Dismiss')
  dismiss.dataset.dismiss = ''
  line.append(text, dismiss)
  toasts.append(line)
}

if (toasts) {
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.matches?.('.toast.good')) setTimeout(() => node.remove(), stay)
    }
  }).observe(toasts, { childList: true })
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-dismiss]')) event.target.closest('.toast, .flash')?.remove()
})

document.addEventListener('htmx:error', (event) => {
  if (event.detail.ctx) toast('bad', 'No answer from Beckon. Check your connection and try again.')
})
