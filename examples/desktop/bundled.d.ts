/** Texts that a bundler puts into a program. */
declare module "*.txt" {
  const text: string;
  export default text;
}
