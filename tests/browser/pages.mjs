// Every page a citizen can meet, as addresses.

/** One of each kind, in the portal's main locale. */
export const PAGES = [
  '/',
  '/dienstleistungen',
  '/dienstleistungen?kategorie=tiere',
  '/dienstleistungen?online=1&buchstabe=Z',
  '/dienstleistungen/hund-anmelden',
  '/dienstleistungen/schwerbehindertenausweis',
  '/dienstleistungen/sperrmuell/antrag',
  '/dienstleistungen/hund-anmelden/antrag',
  '/lebenslagen/umzug',
  '/suche?q=hund',
  '/suche?q=xyzzy',
  '/suche?q=',
  '/faq',
  '/kontakt',
  '/vorgang-abfragen',
  '/anmelden',
  '/online-ausweis',
  '/impressum',
  '/datenschutz',
  '/barrierefreiheit',
  '/leichte-sprache',
  '/gebaerdensprache',
  '/api',
  '/gibtsnicht',
  '/%00',
]

/** The same in the other locales: one of each layout. */
export const TRANSLATED = ['/', '/dienstleistungen', '/dienstleistungen/hund-anmelden', '/lebenslagen/umzug', '/faq', '/gibtsnicht']

export const LOCALES = ['en', 'ls']

/** Every template, each at least once. */
export const ALL = [...PAGES, ...LOCALES.flatMap((locale) => TRANSLATED.map((path) => localised(locale, path)))]

export function localised(locale, path) {
  return locale === 'de' ? path : `/${locale}${path}`
}

const SERVICES_AT_LEAST = 35
const OTHERS_AT_LEAST = 20

/**
 * Every page of a town: what its sitemap lists, and what no sitemap does – answers to a search, narrowed lists,
 * the page of the API, errors – in every locale.
 */
export async function everyPage(portal, town) {
  const sitemap = (await portal.get(town, '/sitemap.xml')).body
  const listed = pathsIn(sitemap, /<loc>([^<]+)/g)
  const services = listed.filter((path) => path.startsWith('/dienstleistungen/')).length
  if (services < SERVICES_AT_LEAST || listed.length < 3 * (services + OTHERS_AT_LEAST)) {
    throw new Error(`the sitemap of ${town} has ${listed.length} addresses, ${services} of them services`)
  }
  const missing = pathsIn(sitemap, /hreflang="[^"]+" href="([^"]+)/g).filter((path) => !listed.includes(path))
  if (missing.length) throw new Error(`the sitemap of ${town} names as translations, but does not list: ${missing}`)

  const unlisted = PAGES.filter((path) => !listed.includes(path))
  const translated = LOCALES.flatMap((locale) => unlisted.map((path) => localised(locale, path)))
  return [...new Set([...listed, ...unlisted, ...translated, ...ALL])]
}

function pathsIn(xml, address) {
  const urls = [...xml.matchAll(address)].map(([, url]) => new URL(url.replaceAll('&amp;', '&')))
  return [...new Set(urls.map((url) => url.pathname + url.search))]
}

export const expectedStatus = (path) => (path.endsWith('/gibtsnicht') ? 404 : path.endsWith('/%00') ? 400 : 200)
export const expectedLang = (path) => (/^\/en(\/|$)/.test(path) ? 'en' : 'de')

/** A file name for a page: `/en/suche?q=hund` → `en-suche-q-hund`. */
export const nameOf = (path) => path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'start'
