/** The page in a window of the system's own web view, for Bun: WebKitGTK, WKWebView or WebView2. */

import { pathToFileURL } from "node:url";
import { Webview } from "webview-bun";

/**
 * A window that shows a file, once it runs.
 *
 * @param {string} file
 */
export function windowOf(file) {
  const webview = new Webview();
  webview.title = "A network learns to write";
  webview.size = { width: 1100, height: 850, hint: 0 };
  webview.navigate(pathToFileURL(file).href);
  return webview;
}

if (/** @type {{ main?: boolean }} */ (import.meta).main) windowOf(process.argv[2] ?? "recurra.html").run();
