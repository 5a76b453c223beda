// Dialogs. One empty <dialog id="dialog"> waits in every page: an htmx request that targets it
// opens it, and closing it empties it and gives the focus back to where it was.

const dialog = document.querySelector('#dialog')
let opener = null

// The browser gives the focus back by itself, unless what had it is hidden by now.
function giveFocusBack() {
  if (!opener?.isConnected || document.activeElement !== document.body) return
  const menu = opener.closest('[popover]:not(:popover-open)')
  const target = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : opener
  target?.focus()
}

if (dialog) {
  document.addEventListener('htmx:before:request', (event) => {
    if (event.detail.ctx.target === dialog && !dialog.open) opener = document.activeElement
  })
  document.addEventListener('htmx:after:settle', (event) => {
    if (event.target === dialog && !dialog.open && dialog.childElementCount) dialog.showModal()
  })
  dialog.addEventListener('close', () => {
    dialog.replaceChildren()
    giveFocusBack()
  })
}

document.addEventListener('click', (event) => {
  const open = event.target.closest('dialog')
  if (event.target.closest('[data-close]') && open) {
    event.preventDefault()
    open.close()
  }
  // Browsers without invoker commands.
  const button = event.target.closest('button[commandfor]')
  if (button && !('command' in button)) {
    const named = document.getElementById(button.getAttribute('commandfor'))
    if (button.getAttribute('command') === 'show-modal') named?.showModal()
    else named?.close()
  }
})

// A menu closes once something in it was chosen.
document.addEventListener('click', (event) => {
  const menu = event.target.closest('.menu[popover]')
  if (menu && event.target.closest('a, button:not([popovertarget])') && !event.target.closest('[data-stay]')) menu.hidePopover()
})
