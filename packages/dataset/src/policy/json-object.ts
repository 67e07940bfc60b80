// Reads a JSON object field by field and refuses, at the end, the fields nobody asked for. Every message names the path.
import { ParameterError } from '../errors.ts';

export class JsonObject {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #path: string;
  readonly #read = new Set<string>();

  private constructor(fields: ReadonlyMap<string, unknown>, path: string) {
    this.#fields = fields;
    this.#path = path;
  }

  static of(value: unknown, path: string): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ParameterError(`${path} is no object`);
    }
    return new JsonObject(new Map(Object.entries(value)), path);
  }

  names(): string[] {
    return [...this.#fields.keys()];
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  skip(name: string): void {
    this.#read.add(name);
  }

  text(name: string): string {
    const value = this.#take(name);
    if (typeof value !== 'string' || value === '') throw this.#wrong(name, 'a text');
    return value;
  }

  number(name: string, fallback?: number): number {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const value = this.#take(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#wrong(name, 'a number');
    return value;
  }

  oneOf<Value extends string | number>(name: string, allowed: readonly Value[], fallback?: Value): Value {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const value = this.#take(name);
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw this.#wrong(name, `one of ${allowed.join(', ')}`);
    return found;
  }

  texts(name: string): readonly string[] {
    return this.#array(name).map((one) => {
      if (typeof one !== 'string') throw this.#wrong(name, 'a list of texts');
      return one;
    });
  }

  /** A list of objects. */
  list(name: string): JsonObject[] {
    return this.#array(name).map((one, at) => JsonObject.of(one, `${this.#path}: ${name}[${at}]`));
  }

  child(name: string): JsonObject {
    return JsonObject.of(this.#take(name), `${this.#path}: ${name}`);
  }

  optionalChild(name: string): JsonObject | undefined {
    return this.has(name) ? this.child(name) : undefined;
  }

  finish(): void {
    const unknown = this.names().filter((name) => !this.#read.has(name));
    if (unknown.length > 0) throw new ParameterError(`${this.#path} has no ${unknown.join(', ')}`);
  }

  #array(name: string): readonly unknown[] {
    const value = this.#take(name);
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    return value;
  }

  #take(name: string): unknown {
    this.#read.add(name);
    if (!this.has(name)) throw new ParameterError(`${this.#path} lacks ${name}`);
    return this.#fields.get(name);
  }

  #wrong(name: string, what: string): ParameterError {
    return new ParameterError(`${this.#path}: ${name} must be ${what}, not ${JSON.stringify(this.#fields.get(name))}`);
  }
}
