// Every kind of page a citizen can meet, as addresses.

/** Pages in the portal's main locale. */
export const PAGES = [
  '/',
  '/dienstleistungen',
  '/dienstleistungen/hund-anmelden',
  '/dienstleistungen/schwerbehindertenausweis',
  '/lebenslagen/umzug',
  '/suche?q=hund',
  '/suche?q=xyzzy',
  '/suche?q=',
  '/faq',
  '/kontakt',
  '/anmelden',
  '/online-ausweis',
  '/impressum',
  '/datenschutz',
  '/barrierefreiheit',
  '/leichte-sprache',
  '/gebaerdensprache',
  '/gibtsnicht',
]

/** The same in the other locales: one of each layout. */
export const TRANSLATED = ['/', '/dienstleistungen', '/dienstleistungen/hund-anmelden', '/lebenslagen/umzug', '/faq', '/gibtsnicht']

export const LOCALES = ['en', 'ls']

export const ALL = [...PAGES, ...LOCALES.flatMap((locale) => TRANSLATED.map((path) => localised(locale, path)))]

export function localised(locale, path) {
  return locale === 'de' ? path : `/${locale}${path}`
}

export const expectedStatus = (path) => (path.endsWith('/gibtsnicht') ? 404 : 200)
export const expectedLang = (path) => (/^\/en(\/|$)/.test(path) ? 'en' : 'de')

/** A file name for a page: `/en/suche?q=hund` → `en-suche-q-hund`. */
export const nameOf = (path) => path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'start'
