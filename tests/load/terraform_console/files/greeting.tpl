Hello ${name}!
%{ for n in names ~}
- ${n}
%{ endfor ~}
end $${x}
