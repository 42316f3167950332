// What axe-core finds on a page, by every rule that WCAG 2.2 A and AA or good practice stand behind.
import { readFile } from 'node:fs/promises'

/** For `addInitScript`: `axe` is there in every page a context opens. */
export const AXE = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']

// The rules are named one by one, because by tags alone axe leaves out those it has switched off: `target-size`, and
// what it calls experimental, such as `label-content-name-mismatch`. The latter cost as much as all others together.
export function violations(page, { experimental = true } = {}) {
  return page.evaluate(async ([tags, experimental]) => {
    const isAsked = ({ tags }) => !tags.includes('deprecated') && (experimental || !tags.includes('experimental'))
    const rules = axe.getRules(tags).filter(isAsked).map((rule) => rule.ruleId)
    if (!rules.includes('target-size')) throw new Error('axe does not know `target-size`')
    const found = await axe.run(document, {
      runOnly: { type: 'rule', values: rules },
      resultTypes: ['violations'],
      preload: false, // it would fetch the style sheets by script, which the portal's policy forbids
    })
    return found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')} – ${node.failureSummary.replace(/\s+/g, ' ')}`),
    )
  }, [TAGS, experimental])
}

/** What axe does not ask: does the page say where it is, are its parts named, do links with one name lead to one place. */
export function beyondAxe(page) {
  return page.evaluate(() => {
    const troubles = []
    const tell = (trouble, element) => troubles.push(`${trouble}: ${element.outerHTML.replace(/\s+/g, ' ').slice(0, 120)}`)
    const words = (text) => text.replace(/\s+/g, ' ').trim()
    const named = (ids) => words(ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' '))
    const nameOf = (element) =>
      element.hasAttribute('aria-labelledby') ? named(element.getAttribute('aria-labelledby')) : words(element.ariaLabel ?? '')

    if (!words(document.title)) troubles.push('the page has no title')
    if (document.querySelectorAll('main').length !== 1) troubles.push('there is not exactly one main part')
    const titles = [...document.querySelectorAll('h1')].map((heading) => words(heading.textContent))
    if (titles.length !== 1 || !titles[0]) troubles.push(`there is one h1, not ${JSON.stringify(titles)}`)

    for (const part of document.querySelectorAll('nav, aside, dialog, [role=region], section[aria-labelledby], section[aria-label]')) {
      if (!nameOf(part)) tell('a part without a name', part)
    }

    // axe takes a placeholder for a name; it is gone with the first letter
    for (const field of document.querySelectorAll('input:not([type=hidden], [hidden]), select, textarea')) {
      if (!field.labels.length && !nameOf(field)) tell('a field without a label', field)
    }

    // Within a sentence the words around a link tell more; a link that stands alone has only its own.
    const targets = new Map()
    for (const link of document.querySelectorAll('main a[href]')) {
      const name = nameOf(link) || words(link.textContent)
      if (name !== words(link.parentElement.textContent)) continue
      const known = targets.get(name) ?? link
      if (known.href !== link.href) tell(`a second target for "${name}", which leads to ${known.href}`, link)
      targets.set(name, known)
    }

    // A foreign word that says its language is read with the right voice. Little words betray those that do not.
    const little = {
      en: /(?<![\p{L}-])(und|oder|der|für|nicht|wird|werden|eine?|zum|zur|bis|Uhr|Sie)(?![\p{L}-])/u,
      de: /(?<![\p{L}-])(the|of|and|with|your|is|for)(?![\p{L}-])/u,
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const holder = texts.currentNode.parentElement
      const { lang } = holder.closest('[lang]')
      const found = little[lang]?.exec(texts.currentNode.data)
      if (found) tell(`"${found[0]}" is not ${lang}`, holder)
    }
    return troubles
  })
}
