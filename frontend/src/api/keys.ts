/** Keys of everybody, for admins. */
import { ask, client, type Schemas } from "./client";

export type Key = Schemas["KeyDocument"];
export type NewKey = Schemas["NewKeyDocument"];
export type KeyForm = Schemas["KeyForm"];
export type Scope = Schemas["Scope"];
export type WhoAmI = Schemas["WhoAmI"];

export const getWhoAmI = (): Promise<WhoAmI> => ask(client.GET("/v1/whoami"));

export const findKeys = async (): Promise<Key[]> => (await ask(client.GET("/v1/keys"))).data;

export const createKey = (body: KeyForm): Promise<NewKey> => ask(client.POST("/v1/keys", { body }));

export const revokeKey = (key_id: string): Promise<unknown> =>
  ask(client.DELETE("/v1/keys/{key_id}", { params: { path: { key_id } } }));
