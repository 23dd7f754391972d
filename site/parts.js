// Where the page finds what it is made of: beside it, or in itself where it is one file that is opened from a disk.

/** The worker, a classic script: pages of files may not start modules. */
export function openWorker() {
  const inlined = document.getElementById("worker");
  if (!inlined) return new Worker("worker.js");
  const url = URL.createObjectURL(new Blob([inlined.textContent], { type: "text/javascript" }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return worker;
}

/** *Moby-Dick*: its bytes, or its address. */
export function findBook() {
  const inlined = document.getElementById("book");
  return inlined ? { bytes: new TextEncoder().encode(inlined.textContent) } : { address: "book.txt" };
}
