// Files of tensors in the safetensors layout, which the library loads its weights from and every peer reads in a few lines.

import { readFileSync, writeFileSync } from "node:fs";

/**
 * @typedef {{ shape: readonly number[], data: Float32Array | Uint32Array }} Tensor
 * @typedef {Record<string, { dtype: string, shape: number[], data_offsets: [number, number] }>} Header
 */

/**
 * @param {string} file
 * @param {Record<string, Tensor>} tensors
 */
export function writeTensors(file, tensors) {
  /** @type {Header} */
  const header = {};
  let begin = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const dtype = data instanceof Uint32Array ? "U32" : "F32";
    const end = begin + data.byteLength;
    header[name] = { dtype, shape: [...shape], data_offsets: [begin, end] };
    begin = end;
  }
  const json = JSON.stringify(header);
  const head = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(32, 8);
  head.set(new TextEncoder().encode(json), 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  const data = Object.values(tensors).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  writeFileSync(file, Buffer.concat([head, ...data]));
}

/**
 * @param {string} file
 * @returns {Record<string, Tensor>}
 */
export function readTensors(file) {
  const { buffer } = new Uint8Array(readFileSync(file));
  const begin = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  /** @type {Header} */
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, begin - 8)));
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const Data = dtype === "U32" ? Uint32Array : Float32Array;
        return [name, { shape, data: new Data(buffer, begin + from, (to - from) / 4) }];
      },
    ),
  );
}

/**
 * Rows of `width` numbers, [rows][columns], the other way around: [columns][rows]. As a matrix is transposed, and time-major
 * data made batch-major.
 *
 * @template {Float32Array | Uint32Array} Data
 * @param {Data} data
 * @param {number} rows
 * @param {number} width
 * @returns {Data}
 */
export function transpose(data, rows, width = 1) {
  const columns = data.length / rows / width;
  const made = /** @type {Data} */ (data.slice());
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * width;
      made.set(data.subarray(from, from + width), (column * rows + row) * width);
    }
  }
  return made;
}
