import { expect, test } from "vitest";
import { registryAddress } from "./registry-address.js";

test("an address without a user is asked as it is", () => {
  expect(registryAddress("http://registry:8081")).toEqual({ url: "http://registry:8081", headers: {} });
  expect(registryAddress("http://registry:8080/apis/ccompat/v7")).toEqual({
    url: "http://registry:8080/apis/ccompat/v7",
    headers: {},
  });
});

test("user and password leave the address for the requests", () => {
  const { url, auth, headers } = registryAddress("https://me:p%40ss%3Aword@registry:8081/");
  expect(url).toBe("https://registry:8081");
  expect(auth).toEqual({ username: "me", password: "p@ss:word" });
  expect(headers).toEqual({ authorization: `Basic ${Buffer.from("me:p@ss:word").toString("base64")}` });
});
