/** What the build writes before the service worker: the files by name, with what their content must hash to, and a name for all. */
declare const kept: { readonly version: string; readonly files: Readonly<Record<string, string>> };
