// What is put into site/index.html, and where: each of these tags is in it once.

export const tags = {
  charset: '<meta charset="utf-8">',
  icon: '<link rel="icon" href="icon.svg">',
  style: '<link rel="stylesheet" href="style.css">',
  page: '<script type="module" src="page.js"></script>',
  main: "</main>",
};

/**
 * The page with something else in the place of a tag.
 *
 * @param {string} html
 * @param {string} tag
 * @param {string} text
 */
export function replace(html, tag, text) {
  const parts = html.split(tag);
  if (parts.length !== 2) throw new Error(`site/index.html has ${tag} ${parts.length - 1} times.`);
  return parts.join(text);
}

/**
 * The page with something behind a tag.
 *
 * @param {string} html
 * @param {string} tag
 * @param {string} text
 */
export function insert(html, tag, text) {
  return replace(html, tag, `${tag}\n${text}`);
}
