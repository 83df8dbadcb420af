/** Teams as the server lists them. */
export interface Team {
  id: string;
  name: string;
  kind: string;
  place_id: string;
}
