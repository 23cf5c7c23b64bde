#!/usr/bin/env escript
%% SPDX-License-Identifier: GPL-2.0-or-later
%% decode.escript FILE...   Erlang/OTP's megaco reads each message; "ok" or "FAILED" for each.
-mode(compile).
main(Files) ->
    lists:foreach(
      fun(F) ->
	      {ok, Text} = file:read_file(F),
	      case catch megaco_pretty_text_encoder:decode_message([], Text) of
		  {ok, _} -> io:format("ok ~s~n", [F]);
		  Error -> io:format("FAILED ~s ~P~n", [F, Error, 30])
	      end
      end, Files).
