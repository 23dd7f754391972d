"use client";
import { useEffect } from "react";
import { learn } from "../../learn.js";

export default function Page() {
  useEffect(() => {
    learn().then(
      (what) => {
        document.title = what;
      },
      (error) => {
        document.title = `failed: ${error?.stack ?? error}`;
      },
    );
  }, []);
  return <p>Learning</p>;
}
