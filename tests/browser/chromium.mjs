// The browser of the machine, quiet and offline.
import { chromium } from 'playwright-core'

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0, // the sandbox refuses to run as root
    args: QUIET,
  })
}

/** What a page complained about. Navigations that are meant to end in an error page are told by `expected`. */
export function complaints(page, expected = () => false) {
  const heard = []
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || expected(message.location().url)) return
    heard.push(`console ${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => heard.push(`script error: ${error.message}`))
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText
    if (why !== 'net::ERR_ABORTED') heard.push(`request failed: ${request.url()} ${why}`) // aborted: the visitor went on
  })
  page.on('response', (response) => {
    if (response.status() >= 400 && !expected(response.url())) heard.push(`${response.status()} for ${response.url()}`)
  })
  return heard
}

/** Elements that stick out of the page to the right; empty when nobody has to scroll sideways. */
export function sideways(page) {
  return page.evaluate(() => {
    const root = document.documentElement
    if (root.scrollWidth <= root.clientWidth) return []
    const wide = [...document.body.querySelectorAll('*')].filter((element) => {
      const box = element.getBoundingClientRect()
      return box.width > 0 && box.right > root.clientWidth + 0.5
    })
    const names = wide.map((element) => {
      const box = element.getBoundingClientRect()
      return `<${element.localName} class="${element.getAttribute('class') ?? ''}"> reaches ${Math.round(box.right)} of ${root.clientWidth}`
    })
    return names.length ? names.slice(-5) : [`the page is ${root.scrollWidth} wide in ${root.clientWidth}`]
  })
}
