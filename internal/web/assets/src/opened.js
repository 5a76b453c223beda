// A landing page tells that a person saw it: by a touch, or by three seconds in sight. Mail
// scanners fetch pages without either, so the GET itself says nothing.

const page = document.querySelector('[data-opened-url]')
const touches = ['pointerdown', 'keydown', 'touchstart']
const inSight = 3000

if (page) {
  let told = false
  let timer = 0

  const tell = () => {
    if (told) return
    told = true
    fetch(page.dataset.openedUrl, { method: 'POST', keepalive: true })
  }
  const watch = () => {
    clearTimeout(timer)
    if (document.visibilityState === 'visible') timer = setTimeout(tell, inSight)
  }
  for (const touch of touches) addEventListener(touch, tell, { once: true, passive: true })
  document.addEventListener('visibilitychange', watch)
  watch()
}
